"""The sentiment classifier: examples, split, training, baselines, evaluation, and a model file without pickle."""
