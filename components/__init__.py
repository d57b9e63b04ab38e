"""The parts of the mesh, one a file; `__main__.py` puts them together."""
