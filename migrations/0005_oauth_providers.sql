-- Provider configuration added at run time; laid over the catalogue and config.toml, key by key.

CREATE TABLE oauth_providers (
    name          TEXT   PRIMARY KEY,
    -- A JSON object with the keys of docs/formats/provider.md that this row sets.
    config        TEXT   NOT NULL,
    -- Sealed (docs/formats/sealed.md); NULL when the row sets none.
    client_secret BYTEA,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
