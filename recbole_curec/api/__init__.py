"""What a Python user works with; each name of ``recbole_curec`` comes from one module here, when it is first used."""
