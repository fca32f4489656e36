// Configuration: the providers as catalogue, config.toml, table and environment have them now.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/provider/catalogue.hpp"
#include "cardea/provider/layers.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/provider/store.hpp"

namespace cardea::provider {

/// One provider, usable or not.
struct Entry {
    ProviderPtr provider;  ///< Null when the row cannot be read, or when nobody has configured it.
    std::string title;
    Merged merged;
    std::string problem;      ///< Why people cannot sign in with it; empty when they can.
    bool configured = false;  ///< Whether anybody said more of it than the catalogue does.
    bool stored = false;
};
using Entries = std::map<std::string, Entry>;

/// The variable of the environment for a provider's value: GOOGLE_CLIENT_ID, MY_IDP_CLIENT_SECRET.
std::string variable_of(const std::string& provider, std::string_view key);
/// What the provider has registered: its row's, else that of the settings, `{provider}` filled in.
std::string redirect_uri(const Options& options, const oauth::Provider& provider);

class Configuration {
  public:
    Configuration(Providers::Parts parts, Options options);

    /// As of now, or as of five milliseconds ago where another process has changed something since:
    /// rows are read again when any process has written to the database. Entries that did not
    /// change keep their pointers.
    Task<std::shared_ptr<const Entries>> entries();
    /// As of the last entries(); null before the first.
    std::shared_ptr<const Entries> latest() const { return entries_; }

    Task<void> add(std::string name, schema::JsonObject row);
    Task<void> replace(std::string name, schema::JsonObject row);
    Task<void> update(std::string name, schema::JsonObject changes);
    Task<void> remove(std::string name);

  private:
    bool rows_are_good() const;
    void note_own_change();
    Result<void> lay_together(const std::vector<StoredProvider>& rows);
    Result<Layer> table_layer(const StoredProvider& row) const;
    /// But those that `except` names.
    Result<Secrets> open_secrets(const StoredProvider& row, const schema::JsonObject& except) const;
    /// `below`: the other layers, which say what variables there are.
    Layer environment_layer(const std::string& name, const std::vector<Layer>& below) const;
    Result<std::vector<Layer>> layers_below_table(const std::string& name) const;
    Entry make_entry(const std::string& name, const StoredProvider* row) const;
    Result<void> load_catalogue();
    /// Whether the provider can be read with this as its table layer.
    Result<void> check_row(const std::string& name, Layer table) const;
    Result<StoredProvider> seal(const std::string& name, const Layer& layer) const;
    Task<void> write(StoredProvider row, Layer layer);

    Providers::Parts parts_;
    Options options_;
    ProviderStore store_;
    const Rows* catalogue_ = nullptr;
    std::vector<StoredProvider> rows_;
    std::optional<std::uint64_t> version_;
    std::optional<Instant> asked_at_;
    std::size_t own_changes_ = 0;
    std::shared_ptr<const Entries> entries_;
};

}  // namespace cardea::provider
