"""Listening: a desk at which platforms hand in what happened; Starlette and uvicorn live here."""
