"""The report as one HTML file: its data (`payload`), and the scripts and styles in `static/`."""
