"""The numbers of a policy pack, one file a stage: every number that a rule may use."""
