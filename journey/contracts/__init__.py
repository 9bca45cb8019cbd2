"""What crosses Temporal: messages, ids, queues, activity stubs with their options, search attributes."""
