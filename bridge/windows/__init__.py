"""What Windows alone has: rights by lists, services, sessions. Rules are pure; what asks Windows says so."""
