"""Object stores: where the bytes of items lie. boto3 lives here."""
