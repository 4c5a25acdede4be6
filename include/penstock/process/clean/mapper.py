"""The base of steps that only change the text."""

from __future__ import annotations

from penstock.process.step import Context, Document, DocumentStep


class Mapper(DocumentStep):
    """A step that gives a document another text; a member has a ``kind`` and `clean`.

    Null and empty texts stay as they are, and a text that does not change keeps its words.
    """

    def apply(self, document: Document, context: Context) -> None:
        """Change the text."""
        text = document.text
        if text:
            cleaned = self.clean(text, document)
            if cleaned != text:
                document.text = cleaned

    def clean(self, text: str, document: Document) -> str:
        """Return the new text."""
        raise NotImplementedError
