"""Operations: what machines and administrators ask of the portal."""
