"""The query language: grammar, tree, token cutter, evaluator. Pure; no engine, no I/O."""
