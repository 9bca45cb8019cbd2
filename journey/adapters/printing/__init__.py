"""Paper: letters, their cover sheet and address list, notices for buildings."""
