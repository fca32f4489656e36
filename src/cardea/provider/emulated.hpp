// The emulator's URLs: `cardea emulate` plays all real providers behind one address.
#pragma once

#include <string>
#include <string_view>

namespace cardea::provider {

/// `https://HOST/PATH` as the emulator has it, `EMULATOR/HOST/PATH`; the URL itself when there is
/// no emulator, or when it is not https.
inline std::string emulated(std::string url, const std::string& emulator) {
    constexpr std::string_view scheme = "https:/";
    if (emulator.empty() || !url.starts_with("https://")) return url;
    return emulator + url.substr(scheme.size());
}

}  // namespace cardea::provider
