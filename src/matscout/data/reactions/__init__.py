"""Chemistry of reactions: which molecules take part, how they are written, and what graphs and fingerprints they have.

What else there is of reactions stands where its family does: representations ``represent/descriptors/reaction_*.py``
and ``drfp.py``, networks ``represent/encoders/reaction_*.py``, likeness ``predict/measures.py``, the model
``predict/models/uam.py``, plates ``generate/generators/plate.py``, and yields, which are targets, ``data/yields.py``.
"""
