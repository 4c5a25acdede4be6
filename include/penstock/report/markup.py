"""HTML by function calls: whatever is not already markup is escaped, so that no text can become a tag."""

from __future__ import annotations

from html import escape

VOID = {"br", "hr", "meta", "link", "img", "input"}


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = object


def el(tag: str, *children: Child, **attributes: object) -> Html:
    """Return an element; ``class_`` is the attribute ``class``; what is ``None`` is left out."""
    head = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Html(f"<{tag}{head}>")
    return Html(f"<{tag}{head}>{join(*children)}</{tag}>")


def join(*children: Child) -> Html:
    """Return children one after the other; lists are taken apart."""
    return Html("".join(_flat(children)))


def _flat(children: object) -> list[str]:
    if children is None or children is False:
        return []
    if isinstance(children, Html):
        return [str(children)]
    if isinstance(children, list | tuple):
        return [part for child in children for part in _flat(child)]
    return [escape(str(children), quote=False)]


def page(title: str, style: str, *body: Child) -> str:
    """Return a whole page that fetches nothing and runs nothing."""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=True)}">'),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", Html(style)),
    )
    return f'<!doctype html>\n<html lang="en">{head}{el("body", *body)}</html>\n'
