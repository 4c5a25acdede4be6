"""Texts, and what the tools themselves measure on them.

Each value comes from the tool's own code: nemo_curator 1.4.0 and py-data-juicer 1.6.1 (wheels, Python 3.11.7, emoji
2.16), dolma 1.2.1 (`gopher_v2`, `c4_v2`), run on 2026-11-25. ``None``: the tool gives no number. `UNSTABLE`: it
depends on the hash seed (NeMo Curator takes any of the n-grams that are equally frequent).
"""

PROSE = (
    "The keeper of the lighthouse wrote a letter to his sister, and he told her that the winter had been long. "
    "Ships came late; some of them did not come at all.\n"
    'He asked her to send tea, candles and the book that she had promised to him. "Be well," he wrote.\n\n'
    "Nobody knows whether the letter arrived! Have you read it? It lies with the others in a box…"
)
LISTS = (
    "• Apples 12 kg\n• Pears 7 kg\n● Plums (ripe) 3 kg\n- see https://example.com/fruit?id=42&x=%20y for more\n"
    "* Cherries [sold out]\n# # ## ### notes …\n\n\nRead more\nTerms of Use and Privacy Policy apply here.\n"
    "prices {net} ⟨gross⟩ 1,234.50 + 19 %\n"
)
REPEATED = (
    "Buy now and save big today.\n" * 7
    + "\nThis offer ends soon, so buy now and save big today.\n\n"
    + "Call us.\n\n" * 3
)
MIXED = "Füße & Straße: naïve café — 日本語のテスト 👍🎉 ½ Ⅷ ٣٤ हिन्दी में"
MIXED += "\t\u00a0Ελληνικά ΣΊΣΥΦΟΣ «да» №5\r\nend\u2028of it"
CODE = (
    "#!/usr/bin/env python\nimport os  # JavaScript it is not\n\n"
    "def f(x):\n    return {'a': [x] * 3}\n\n\nprint(f(1))\n" + "x = 1;" * 40
)
COOKIES = "Lorem Ipsum dolor.\n\nThis site uses cookies.\n\nhttp://porn.example/a b\n\n#\n\n..."
LONG = " ".join(f"word{n % 23} and that of" for n in range(90)) + "\n" + "word1 and that of word2\n" * 12
TOP = (
    "go home now and as far as possible we go home late while it lay in the box until they go home soon "
    "since in the box is as far as possible from a few who go home once in the box"
)

TEXTS = (PROSE, LISTS, REPEATED, MIXED, CODE, COOKIES, LONG, TOP)
UNSTABLE = -1.0

LISTED = ("the", "and", "to", "of", "go", "buy", "read more", "word3")
LISTED_SHARES = (0.185714, 0.071429, 0.271186, 0.0, 0.0, 0.0, 0.485714, 0.190476)
"""What stopwords_filter and flagged_words_filter of Data-Juicer say of these words."""

GOLDEN: dict[str, dict[str, tuple[float | None, ...]]] = {
    "nemo_curator": {
        "adult_urls": (0, 0, 0, 0, 0, 1, 0, 0),
        "boilerplate_share": (0.0, 0.5, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        "bullet_line_share": (0.0, 0.333333333333, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        "common_word_count": (15, 2, 8, 1, 0, 0, 306, 4),
        "digit_share": (0.0, 0.067796610169, 0.0, 0.010752688172, 0.121037463977, 0.0, 0.083758937692, 0.0),
        "duplicate_ngram_share_10": (0.0, 0.0, 0.594306049822, 0.0, 0.659942363112, 0.0, 0.768641470889, 0.0),
        "duplicate_ngram_share_5": (0.0, 0.0, 0.67615658363, 0.0, 0.659942363112, 0.0, 0.780898876404, 0.0),
        "duplicate_ngram_share_6": (0.0, 0.0, 0.594306049822, 0.0, 0.659942363112, 0.0, 0.780898876404, 0.0),
        "duplicate_ngram_share_7": (0.0, 0.0, 0.594306049822, 0.0, 0.659942363112, 0.0, 0.780898876404, 0.0),
        "duplicate_ngram_share_8": (0.0, 0.0, 0.594306049822, 0.0, 0.659942363112, 0.0, 0.780898876404, 0.0),
        "duplicate_ngram_share_9": (0.0, 0.0, 0.594306049822, 0.0, 0.659942363112, 0.0, 0.768641470889, 0.0),
        "ellipsis_line_share": (0.333333333333, 0.222222222222, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0),
        "longest_word": (10, 38, 6, 8, 14, 21, 6, 8),
        "mean_word_length": (
            3.971428571429,
            4.2,
            3.677966101695,
            3.6,
            2.469387755102,
            5.636363636364,
            3.661904761905,
            3.214285714286,
        ),
        "non_alphanumeric_share": (
            0.204022988506,
            0.283898305085,
            0.170818505338,
            0.752688172043,
            0.567723342939,
            0.144736842105,
            0.207865168539,
            0.232954545455,
        ),
        "parenthesis_share": (0.0, 0.033898305085, 0.0, 0.0, 0.028818443804, 0.0, 0.0, 0.0),
        "symbol_word_share": (0.0, 0.066666666667, 0.0, 0.0, 0.010204081633, 0.181818181818, 0.0, 0.0),
        "top_ngram_share_2": (
            UNSTABLE,
            UNSTABLE,
            UNSTABLE,
            UNSTABLE,
            0.561959654179,
            UNSTABLE,
            UNSTABLE,
            0.159090909091,
        ),
        "top_ngram_share_3": (
            UNSTABLE,
            UNSTABLE,
            0.341637010676,
            UNSTABLE,
            0.403458213256,
            UNSTABLE,
            0.573033707865,
            0.170454545455,
        ),
        "top_ngram_share_4": (
            UNSTABLE,
            UNSTABLE,
            UNSTABLE,
            UNSTABLE,
            0.602305475504,
            UNSTABLE,
            UNSTABLE,
            0.204545454545,
        ),
        "unique_line_char_share": (1.0, 1.0, 0.328301886792, 1.0, 1.0, 1.0, 0.869922879177, 1.0),
        "unique_line_share": (1.0, 1.0, 0.272727272727, 1.0, 1.0, 1.0, 0.153846153846, 1.0),
        "unique_paragraph_char_share": (1.0, 1.0, 0.940959409594, 1.0, 1.0, 1.0, 1.0, 1.0),
        "unique_paragraph_share": (1.0, 1.0, 0.666666666667, 1.0, 1.0, 1.0, 1.0, 1.0),
        "unpunctuated_line_share": (0.333333333333, 0.888888888889, 0.0, 1.0, 1.0, 0.4, 1.0, 1.0),
        "url_share": (0.0, 0.161016949153, 0.0, 0.0, 0.0, 0.276315789474, 0.0, 0.0),
        "white_space_share": (
            0.201149425287,
            0.199152542373,
            0.227758007117,
            0.204301075269,
            0.302593659942,
            0.184210526316,
            0.214504596527,
            0.232954545455,
        ),
        "word_count": (70, 45, 59, 20, 98, 11, 420, 42),
        "word_with_letter_share": (1.0, 0.622222222222, 1.0, 0.7, 0.551020408163, 0.818181818182, 1.0, 1.0),
    },
    "dolma": {
        "bullet_line_share": (0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        "common_word_count": (15, 2, 8, 1, 0, 0, 306, 4),
        "curly_bracket": (0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
        "duplicate_line_char_share": (0.0, 0.0, 0.981566820276, 0.0, 0.0, 0.0, 0.179453836151, 0.0),
        "duplicate_line_share": (0.0, 0.0, 0.833333333333, 0.0, 0.0, 0.0, 0.857142857143, 0.0),
        "duplicate_ngram_share_10": (0.0, 0.0, 0.651564185545, 0.0, 0.68359375, 0.0, 0.978130816272, 0.0),
        "duplicate_ngram_share_5": (0.0, 0.0, 0.7, 0.0, 0.678442028986, 0.0, 0.997373259785, 0.0),
        "duplicate_ngram_share_6": (0.0, 0.0, 0.676079734219, 0.0, 0.679418515685, 0.0, 0.995062541145, 0.0),
        "duplicate_ngram_share_7": (0.0, 0.0, 0.67053701016, 0.0, 0.681120747165, 0.0, 0.990194229681, 0.0),
        "duplicate_ngram_share_8": (0.0, 0.0, 0.664290343487, 0.0, 0.683274021352, 0.0, 0.985527621568, 0.0),
        "duplicate_ngram_share_9": (0.0, 0.0, 0.658049353702, 0.0, 0.682887700535, 0.0, 0.980548187445, 0.0),
        "ellipsis_line_share": (0.333333333333, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        "javascript": (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
        "line_count": (4, 12, 17, 2, 9, 9, 14, 1),
        "lorem_ipsum": (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        "median_word_length": (4.0, 3.0, 3.0, 3.0, 3.0, 4.0, 4.0, 3.0),
        "short_line_share": (
            0.25,
            0.333333333333,
            0.529411764706,
            0.0,
            0.666666666667,
            0.777777777778,
            0.071428571429,
            0.0,
        ),
        "symbol_word_share": (
            0.014285714286,
            0.111111111111,
            0.0,
            0.0,
            0.020408163265,
            0.090909090909,
            0.0,
            0.0,
        ),
        "top_ngram_share_2": (
            0.032374100719,
            0.037037037037,
            0.221198156682,
            0.069444444444,
            0.644628099174,
            0.161290322581,
            0.464239271782,
            0.177777777778,
        ),
        "top_ngram_share_3": (
            0.039568345324,
            0.047619047619,
            0.36866359447,
            0.166666666667,
            0.805785123967,
            0.258064516129,
            0.596879063719,
            0.177777777778,
        ),
        "top_ngram_share_4": (
            0.05035971223,
            0.058201058201,
            0.479262672811,
            0.236111111111,
            1.256198347107,
            0.322580645161,
            0.145643693108,
            0.222222222222,
        ),
        "unpunctuated_line_share": (0.5, 0.916666666667, 0.352941176471, 1.0, 1.0, 0.666666666667, 1.0, 1.0),
        "word_count": (70, 45, 59, 20, 98, 11, 420, 42),
        "word_with_letter_share": (1.0, 0.622222222222, 1.0, 0.65, 0.551020408163, 0.818181818182, 1.0, 1.0),
    },
    "data_juicer": {
        "alphanumeric_share": (
            0.761494252874,
            0.648305084746,
            0.729537366548,
            0.634408602151,
            0.406340057637,
            0.671052631579,
            0.785495403473,
            0.767045454545,
        ),
        "character_repetition_10": (
            0.0,
            0.0,
            0.235294117647,
            0.0,
            0.683431952663,
            0.0,
            0.496664956388,
            0.155688622754,
        ),
        "longest_line": (156, 53, 52, 82, 240, 23, 1669, 176),
        "mean_line_length": (
            87.0,
            21.454545454545,
            17.5625,
            31.0,
            38.555555555556,
            8.444444444444,
            150.615384615385,
            176.0,
        ),
        "special_character_share": (
            0.238505747126,
            0.411016949153,
            0.270462633452,
            0.333333333333,
            0.71469740634,
            0.328947368421,
            0.298263534219,
            0.232954545455,
        ),
        "text_length": (348, 236, 281, 93, 347, 76, 1958, 176),
        "word_count": (70, 28, 59, 15, 54, 9, 420, 42),
        "word_repetition_10": (0.0, 0.0, 0.66, 0.0, 0.688888888889, 0.0, 0.990267639903, 0.0),
    },
}
