r"""Chunks that spaCy's English tokeniser takes apart by a list, and not by its affixes.

Written from what ``spacy.blank("en").tokenizer.rules`` of spaCy 3.8 holds (MIT licence): 1,347 cases, most of them one
pattern spelt out. Each case with an apostrophe exists with the typographic one too.
"""

from __future__ import annotations

from collections.abc import Iterator

_EMOTICONS = r"""
:) :-) :)) :-)) :))) :-))) (: (-: =) (= :] :-] [: [-: [= =] :o) (o: :} :-} 8) 8-) (-8 ;) ;-) (; (-; :( :-( :(( :-((
:((( :-((( ): )-: =( >:( :') :'-) :'( :'-( :/ :-/ =/ =| :| :-| ]= =[ :1 :P :-P :p :-p :O :-O :o :-o :0 :-0 :() >:o :*
:-* :3 :-3 =3 :> :-> :X :-X :x :-x :D :-D ;D ;-D =D xD XD xDD XDD 8D 8-D ^_^ ^__^ ^___^ >.< >.> <.< ._. ;_; -_- -__-
v.v V.V v_v V_V o_o o_O O_o O_O 0_o o_0 0_0 o.O O.o O.O o.o 0.0 o.0 0.o @_@ <3 <33 <333 </3 (^_^) (-_-) (._.) (>_<)
(*_*) (¬_¬) ಠ_ಠ ಠ︵ಠ (ಠ_ಠ) ¯\(ツ)/¯ (╯°□°）╯︵┻━┻ ><(((*>
"""
_SYMBOLS = r"""\t \n — ' \") <space> '' C++"""
_ABBREVIATIONS = """
'S 's ‘S ‘s and/or w/o 're 'Cause 'cause 'cos 'Cos 'coz 'Coz 'cuz 'Cuz 'bout ma'am Ma'am o'clock O'clock lovin' Lovin'
lovin Lovin havin' Havin' havin Havin Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. Colo. Conn. Dec. Del. Feb. Fla. Ga. Ia.
Id. Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky. La. Mar. Mass. Mich. Minn. Miss. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr.
Nev. Nov. Oct. Okla. Ore. Pa. S.C. Sep. Sept. Tenn. Va. Wash. Wis. 'd a.m. Adm. Bros. co. Co. Corp. D.C. Dr. e.g. E.g.
E.G. Gen. Gov. i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. Mo. Mont. Mr. Mrs. Ms. p.m. Ph.D. Prof. Rep. Rev. Sen. St. vs.
v.s. em 'em ll 'll nuff 'nuff
"""
_SPLIT = """
y'|all y|all how|'d|'y How|'d|'y not|'ve not|ve Not|'ve Not|ve can|not Can|not gon|na Gon|na got|ta Got|ta let|'s
Let|'s c'm|on C'm|on
"""
_DROPPED_G = "doin goin nothin nuthin ol somethin"
_BEFORE_NOT = "ca could do does did had may might must need ought sha should wo would"
_SINGLE_LETTERS = "abcdefghijklmnopqrstuvwxyzäöü"
_NOT_SPECIAL = """
Ill ill Its its Hell hell Shell shell Shed shed were Were Well well Whore whore
"""
_WHITESPACE = (" ", "\t", "\n", "\u00a0")

Pieces = tuple[str, ...]


def special_cases() -> dict[str, Pieces]:
    """Return each special chunk with the tokens it becomes."""
    english = {"".join(pieces): pieces for pieces in _english()}
    cases = {"".join(pieces): pieces for pieces in _universal()}
    cases |= {chunk: pieces for chunk, pieces in english.items() if chunk not in _NOT_SPECIAL.split()}
    curly = {
        chunk.replace("'", "’"): tuple(piece.replace("'", "’") for piece in pieces)
        for chunk, pieces in cases.items()
        if "'" in chunk
    }
    return cases | curly


def _universal() -> Iterator[Pieces]:
    """Yield what spaCy has for every language."""
    for whole in (*_WHITESPACE, *_SYMBOLS.split(), *_EMOTICONS.split()):
        yield (whole,)
    yield from ((f"{letter}.",) for letter in _SINGLE_LETTERS)
    yield from (("°", letter, ".") for letter in "cfkCFK")


def _english() -> Iterator[Pieces]:
    for word in ("i", "you", "he", "she", "it", "we", "they"):
        yield from _pronoun(word)
        yield from _pronoun(word.title())
    for word in ("who", "what", "when", "where", "why", "how", "there", "that", "this", "these", "those"):
        yield from _question_word(word, word)
        yield from _question_word(word, word.title())
    yield from _verbs()
    yield from ((form,) for word in _DROPPED_G.split() for form in _cased(word, word + "'"))
    for hour in range(1, 13):
        yield from ((str(hour), period) for period in ("a.m.", "am", "p.m.", "pm"))
    yield from (tuple(split.split("|")) for split in _SPLIT.split())
    yield from ((whole,) for whole in _ABBREVIATIONS.split())


def _cased(*words: str) -> Iterator[str]:
    for word in words:
        yield word
        yield word[0].upper() + word[1:]


def _both(word: str, *endings: str) -> Iterator[Pieces]:
    """Yield the word with its endings, with and without their apostrophes."""
    yield (word, *endings)
    yield (word, *(ending.replace("'", "") for ending in endings))


def _pronoun(word: str) -> Iterator[Pieces]:
    low = word.lower()
    yield from _both(word, "'ll")
    yield from _both(word, "'ll", "'ve")
    yield from _both(word, "'d")
    yield from _both(word, "'d", "'ve")
    if low == "i":
        yield from _both(word, "'m")
        yield from _both(word, "'m", "a")
    if low in ("i", "you", "we", "they"):
        yield from _both(word, "'ve")
    if low in ("you", "we", "they"):
        yield from _both(word, "'re")
    if low in ("he", "she", "it"):
        yield from _both(word, "'s")


def _question_word(low: str, word: str) -> Iterator[Pieces]:
    if low not in ("these", "those"):
        yield from _both(word, "'s")
    yield from _both(word, "'ll")
    yield from _both(word, "'ll", "'ve")
    if low not in ("that", "this"):
        yield from _both(word, "'re")
        yield from _both(word, "'ve")
    yield from _both(word, "'d")
    yield from _both(word, "'d", "'ve")


def _verbs() -> Iterator[Pieces]:
    for word in _cased(*_BEFORE_NOT.split()):
        yield from _both(word, "n't")
        yield from _both(word, "n't", "'ve")
    for word in _cased("could", "might", "must", "should", "would"):
        yield from _both(word, "'ve")
    for word in _cased("ai", "are", "is", "was", "were", "have", "has", "dare"):
        yield from _both(word, "n't")
