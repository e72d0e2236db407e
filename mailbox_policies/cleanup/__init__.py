"""What could be deleted from a mailbox (dọn hộp thư): proposed by kind, never done without its owner."""
