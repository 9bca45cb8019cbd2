"""What many owners share and a journey of its own watches over: the project, and each handover batch."""
