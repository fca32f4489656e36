// Modes, folders, network file systems, and the lock of the process that serves.
#include "cardea/db/sqlite/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cardea/base/log.hpp"
#include "cardea/base/text.hpp"
#include "cardea/db/sqlite/sqlite.hpp"

namespace cardea::db::sqlite {

namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

std::string why() {
    return std::strerror(errno);
}

// Locks and shared memory are unreliable there (https://www.sqlite.org/wal.html, section 1).
std::string_view network_file_system(const std::string& path) {
    struct statfs info{};
    if (statfs(path.c_str(), &info) != 0) return {};
    switch (static_cast<std::uint32_t>(info.f_type)) {
        case 0x6969:
            return "NFS";
        case 0x517B:
        case 0xFF534D42:
        case 0xFE534D42:
            return "SMB";
        case 0x01021997:
            return "9P";
        case 0x00C36400:
            return "Ceph";
        case 0x5346414F:
            return "AFS";
        case 0x65735546:
            return "FUSE";
        default:
            return {};
    }
}

Result<void> prepare_folder(const std::filesystem::path& folder) {
    struct stat info{};
    // Made by another process in between is as good.
    if (stat(folder.c_str(), &info) != 0 &&
        ((mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) ||
         stat(folder.c_str(), &info) != 0)) {
        return fail(cannot_open, fmt::format("the folder {} does not exist and cannot be made "
                                             "({}): make it, or set another path",
                                             folder.string(), why()));
    }
    if (!S_ISDIR(info.st_mode)) {
        return fail(cannot_open, folder.string() + " is not a folder: set another path");
    }
    if (access(folder.c_str(), W_OK | X_OK) != 0) {
        return fail(cannot_open,
                    fmt::format("the folder {} cannot be written ({}): SQLite makes its journal "
                                "beside the file; give this user the right, or set another path",
                                folder.string(), why()));
    }
    // Whoever may write the folder may put another file in the place of ours.
    if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
        log::warn("db.folder_open_to_all", log::kv("folder", folder.string()));
    }
    return {};
}

Result<void> prepare_folder_of(const std::string& path) {
    auto folder = std::filesystem::path(path).parent_path();
    return prepare_folder(folder.empty() ? "." : folder);
}

void close_to_others(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0 || (info.st_mode & 077) == 0) return;
    if (chmod(path.c_str(), owner_only) != 0) {
        log::warn("db.file_open_to_others", log::kv("file", path), log::kv("why", why()));
    }
}

Result<void> check_file(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) return fail(cannot_open, path + ": " + why());
    if (!S_ISREG(info.st_mode)) {
        return fail(cannot_open, path + " is not a file: set the path of a file");
    }
    if (access(path.c_str(), R_OK | W_OK) != 0) {
        return fail(cannot_open,
                    fmt::format("{} cannot be read and written by this user ({}): give it the "
                                "right, or run as the file's owner",
                                path, why()));
    }
    return {};
}

std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    auto size = pread(descriptor, text.data(), text.size(), 0);
    if (size <= 0) return "another process";
    auto view = trim(std::string_view(text.data(), static_cast<std::size_t>(size)));
    return fmt::format("process {}", view);
}

}  // namespace

Result<void> prepare_file(const std::string& path) {
    if (path == in_memory) return fail(cannot_open, "a database in memory: use open_in_memory()");
    if (auto ready = prepare_folder_of(path); !ready) return ready;
    // With O_EXCL nobody else's file or link is taken for a new one of ours.
    int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (made >= 0) ::close(made);
    if (made < 0 && errno != EEXIST) return fail(cannot_open, path + ": " + why());
    if (auto usable = check_file(path); !usable) return usable;
    for (const char* suffix : {"", "-wal", "-shm"}) close_to_others(path + suffix);
    if (auto kind = network_file_system(path); !kind.empty()) {
        log::warn("db.network_file_system", log::kv("file", path), log::kv("kind", kind));
    }
    return {};
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FileLock> lock_data_file(const std::string& path) {
    if (auto ready = prepare_folder_of(path); !ready) return std::unexpected(ready.error());
    auto name = path + ".lock";
    int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
    if (descriptor < 0) return fail(cannot_open, name + ": " + why());
    FileLock lock(descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return fail(cannot_open, name + ": " + why());
        return fail(already_served, fmt::format("{} is in use by {}", path, holder_of(descriptor)));
    }
    // The number is for the other's message only; the lock itself needs no content.
    auto pid = fmt::format("{}\n", getpid());
    if (ftruncate(descriptor, 0) != 0 ||
        pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return fail(cannot_open, name + ": " + why());
    }
    return lock;
}

}  // namespace cardea::db::sqlite
