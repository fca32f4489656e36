// Each file has two images: what has been synced, and the writes since then.
#include "tests/faults/unsynced_vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace cardea::faults {

namespace {

/// A write, or with `truncate` a change of the size to `offset`.
struct Change {
    std::size_t offset = 0;
    std::string data;
    bool truncate = false;
};

struct Image {
    bool on_disk = false;  ///< the folder's entry has been synced together with the file
    std::string synced;
    std::vector<Change> pending;
};

struct Disk {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Image>> files;
};

Disk& disk() {
    static Disk one;
    return one;
}

void apply(std::string& content, const Change& change) {
    if (change.truncate) return content.resize(change.offset);
    if (content.size() < change.offset + change.data.size()) {
        content.resize(change.offset + change.data.size());
    }
    std::memcpy(content.data() + change.offset, change.data.data(), change.data.size());
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What SQLite allocates for us; the real file lies behind it.
struct File {
    sqlite3_file base;
    std::shared_ptr<Image>* image;

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* ours(sqlite3_file* file) {
    return reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return ours(file)->real();
}
const sqlite3_io_methods& methods(sqlite3_file* file) {
    return *real(file)->pMethods;
}

void remember(sqlite3_file* file, Change change) {
    auto* image = ours(file)->image;
    if (!image) return;
    std::lock_guard lock(disk().mutex);
    (*image)->pending.push_back(std::move(change));
}

int close_file(sqlite3_file* file) {
    delete ours(file)->image;
    return methods(file).xClose(real(file));
}
int read_part(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    return methods(file).xRead(real(file), data, size, offset);
}
int write_part(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    int code = methods(file).xWrite(real(file), data, size, offset);
    std::string copy(static_cast<const char*>(data), static_cast<std::size_t>(size));
    if (code == SQLITE_OK) remember(file, {static_cast<std::size_t>(offset), std::move(copy)});
    return code;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
    int code = methods(file).xTruncate(real(file), size);
    if (code == SQLITE_OK) remember(file, {static_cast<std::size_t>(size), {}, true});
    return code;
}
int sync(sqlite3_file* file, int flags) {
    // The real files need no sync: nobody pulls the plug of this machine.
    (void)flags;
    auto* image = ours(file)->image;
    if (!image) return SQLITE_OK;
    std::lock_guard lock(disk().mutex);
    for (const auto& change : (*image)->pending) apply((*image)->synced, change);
    (*image)->pending.clear();
    (*image)->on_disk = true;
    return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return methods(file).xFileSize(real(file), size);
}
int lock(sqlite3_file* file, int level) {
    return methods(file).xLock(real(file), level);
}
int unlock(sqlite3_file* file, int level) {
    return methods(file).xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
    return methods(file).xCheckReservedLock(real(file), held);
}
int control(sqlite3_file* file, int what, void* argument) {
    return methods(file).xFileControl(real(file), what, argument);
}
int sector_size(sqlite3_file* file) {
    return methods(file).xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
    return methods(file).xDeviceCharacteristics(real(file));
}
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
    return methods(file).xShmMap(real(file), page, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return methods(file).xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) {
    methods(file).xShmBarrier(real(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
    return methods(file).xShmUnmap(real(file), remove);
}

const sqlite3_io_methods file_methods = {2,
                                         close_file,
                                         read_part,
                                         write_part,
                                         truncate,
                                         sync,
                                         file_size,
                                         lock,
                                         unlock,
                                         check_lock,
                                         control,
                                         sector_size,
                                         characteristics,
                                         map_shared,
                                         lock_shared,
                                         barrier,
                                         unmap_shared,
                                         nullptr,
                                         nullptr};

sqlite3_vfs* usual() {
    static sqlite3_vfs* found = sqlite3_vfs_find("unix");
    return found;
}

std::shared_ptr<Image> image_of(const std::string& path) {
    std::lock_guard lock(disk().mutex);
    auto& image = disk().files[path];
    if (image) return image;
    image = std::make_shared<Image>();
    // What was there before the first test write counts as synced.
    image->synced = read_file(path);
    image->on_disk = !image->synced.empty();
    return image;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* made = ours(file);
    made->base.pMethods = nullptr;
    made->image = nullptr;
    int code = usual()->xOpen(usual(), name, made->real(), flags, out);
    if (code != SQLITE_OK) return code;
    if (name) made->image = new std::shared_ptr<Image>(image_of(name));
    made->base.pMethods = &file_methods;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
    {
        std::lock_guard lock(disk().mutex);
        disk().files.erase(name);
    }
    return usual()->xDelete(usual(), name, sync_folder);
}

}  // namespace

const char* register_unsynced_vfs() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs copy = *usual();
        copy.zName = "unsynced";
        copy.szOsFile = static_cast<int>(sizeof(File)) + usual()->szOsFile;
        copy.pNext = nullptr;
        copy.xOpen = open_file;
        copy.xDelete = delete_file;
        return copy;
    }();
    sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
}

void lose_power(const std::string& folder, Unsynced unsynced, unsigned seed) {
    std::mt19937 random(seed);
    std::filesystem::create_directories(folder);
    std::lock_guard lock(disk().mutex);
    for (const auto& [path, image] : disk().files) {
        if (!image->on_disk && unsynced == Unsynced::lost) continue;
        auto content = image->synced;
        for (const auto& change : image->pending) {
            if (unsynced == Unsynced::some_kept && random() % 2 == 0) apply(content, change);
        }
        auto name = std::filesystem::path(path).filename();
        std::ofstream(std::filesystem::path(folder) / name, std::ios::binary) << content;
    }
}

void forget_files() {
    std::lock_guard lock(disk().mutex);
    disk().files.clear();
}

}  // namespace cardea::faults
