"""What the queue's templates may say."""
