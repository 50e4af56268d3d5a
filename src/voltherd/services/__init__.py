"""Use cases: where rules meet storage. One file per functional block; `ports` states what they need."""
