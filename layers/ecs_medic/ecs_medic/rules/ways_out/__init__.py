"""The ways out of a VPC, compared for the service whose tasks have none: no rule, but what follows from several."""
