"""Steps that judge a text: rules of published tools, lists, patterns, models."""

"""Steps that judge how good a text is."""
