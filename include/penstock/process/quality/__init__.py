"""Steps that judge how good a text is: rules of published tools, lists, patterns, models."""
