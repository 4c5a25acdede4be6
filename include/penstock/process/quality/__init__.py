"""Steps that judge a text: rules of published tools, lists, patterns, models."""
