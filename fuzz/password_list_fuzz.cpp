// Any list of leaked passwords is read or refused; a line never becomes two entries.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <unistd.h>

#include "cardea/password/policy/password_list.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string path = "/dev/shm/cardea_password_list_fuzz_" + std::to_string(getpid());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    std::uint64_t entries = 0;

    auto read = password::read_list(path, {}, [&](const crypto::Sha1&) { ++entries; });

    const auto lines = std::count(data, data + size, '\n') + 1;
    if (entries > static_cast<std::uint64_t>(lines)) std::abort();
    if (read && read->entries != entries) std::abort();
    return 0;
}
