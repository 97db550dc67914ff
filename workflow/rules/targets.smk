"""What may be asked for beside the default target `all`, and where the engine begins.

in:  the handouts of the real tier, results/real/handouts/
"""


rule real:
    """Every handout on the published data."""
    input:
        REPROSE.targets("real"),


begin()
