"""How long tests wait for what others do. A limit is only paid by what fails, and a busy machine takes its time."""

PATIENCE = 180.0
