"""One folder per problem, split by stage."""
