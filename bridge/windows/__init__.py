"""What Windows alone has: rights, services, processes and more. Rules are pure; what asks Windows says so."""
