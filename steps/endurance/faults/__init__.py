"""The faults, one module for each thing that breaks. `registry.py` lists them in their order."""
