"""The one home of settings: schema, loading, policy and the references made from them."""
