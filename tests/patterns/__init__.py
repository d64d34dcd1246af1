"""No pattern and no reader takes more than linear time, whatever it is given."""
