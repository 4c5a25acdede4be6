"""Stage 3, process: a list of steps from the recipe, on Spark; what leaves the flow is kept with its reason."""
