// EmulatedClient: the emulator in the place of the network.
#pragma once

#include "cardea/http/client/client.hpp"
#include "server/emulator/emulator.hpp"

namespace cardea::emulator {

/// Sends requests to an emulator in the same process. The emulator must outlive the object.
class EmulatedClient final : public http::Client {
  public:
    explicit EmulatedClient(Emulator& emulator) : emulator_(emulator) {}
    Task<http::Response> send(http::Request request, http::Limits limits) override;

  private:
    Emulator& emulator_;
};

}  // namespace cardea::emulator
