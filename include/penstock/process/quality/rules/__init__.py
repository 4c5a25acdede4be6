"""Rules of `heuristics`: a number measured on a text, and the bounds that a tool published for it."""
