"""One folder per problem."""
