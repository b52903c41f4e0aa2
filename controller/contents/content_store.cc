#include "controller/contents/content_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

constexpr size_t kDigestBytes = 32;
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kPackMode = 0600;
constexpr std::string_view kPackSuffix = ".pack";

std::string Hex(std::string_view digest) {
  return absl::BytesToHexString({digest.data(), digest.size()});
}

// The digest in the name of a pack; empty: it is none.
std::string DigestOf(const std::string& name) {
  if (!name.ends_with(kPackSuffix)) return "";
  const size_t digits = name.size() - kPackSuffix.size();
  if (digits != 2 * kDigestBytes ||
      name.find_first_not_of("0123456789abcdef") != digits) {
    return "";
  }
  return absl::HexStringToBytes({name.data(), digits});
}

// Rather than that we can not get at it now.
bool IsGone(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsNotFound(status);
}

}  // namespace

// --- an upload ---

ContentUpload::ContentUpload(ContentUpload&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      digest_(std::move(other.digest_)),
      size_(other.size_),
      written_(other.written_),
      path_(std::move(other.path_)),
      file_(std::move(other.file_)) {}

ContentUpload::~ContentUpload() {
  if (store_ == nullptr) return;
  unlink(path_.c_str());
  store_->Release(size_);
}

absl::Status ContentUpload::Write(std::string_view bytes) {
  if (bytes.size() > size_ - written_) {
    return InvalidArgument(
        "more than the {} bytes came that were announced; send the pack again",
        size_);
  }
  TUTTI_RETURN_IF_ERROR(WriteAt(file_.get(), written_, bytes, path_));
  written_ += bytes.size();
  return absl::OkStatus();
}

absl::Status ContentUpload::Finish() {
  if (written_ != size_) {
    return InvalidArgument("{} bytes of {} came; send the pack again", written_,
                           size_);
  }
  if (fsync(file_.get()) != 0) {
    return SystemError(errno, fmt::format("write {}", path_));
  }
  absl::StatusOr<copy::PackReader> pack =
      copy::PackReader::Open(std::move(file_), path_);
  absl::Status good = pack.status();
  if (good.ok()) good = pack->Manifest().status();
  if (!good.ok()) {
    return InvalidArgument("what was sent is no pack: {}; send it again",
                           TextOf(good));
  }
  if (pack->manifest_digest() != digest_) {
    return InvalidArgument(
        "the pack is of manifest {}, it was announced as {}; send the one that "
        "was signed",
        Hex(pack->manifest_digest()), Hex(digest_));
  }
  const std::string path = store_->PathOf(digest_);
  if (rename(path_.c_str(), path.c_str()) != 0) {
    return SystemError(errno, fmt::format("rename {} to {}", path_, path));
  }
  TUTTI_RETURN_IF_ERROR(SyncDirectory(store_->directory_));
  std::exchange(store_, nullptr)->Add(digest_, size_);
  return absl::OkStatus();
}

// --- the store ---

absl::StatusOr<std::unique_ptr<ContentStore>> ContentStore::Open(
    std::string directory, uint64_t limit, const Clock& clock) {
  TUTTI_RETURN_IF_ERROR(MakeDirectories(directory, kFolderMode));
  std::unique_ptr<ContentStore> store(
      new ContentStore(std::move(directory), limit, clock));
  TUTTI_RETURN_IF_ERROR(store->Load());
  return store;
}

absl::Status ContentStore::Load() {
  std::error_code error;
  std::filesystem::directory_iterator files(directory_, error);
  MutexLock lock(mutex_);
  for (; !error && files != std::filesystem::directory_iterator();
       files.increment(error)) {
    const std::string path = files->path().string();
    const std::string digest = DigestOf(files->path().filename().string());
    struct stat info = {};
    if (digest.empty()) {
      if (unlink(path.c_str()) != 0) {
        log::Warning(
            "{}", TextOf(SystemError(errno, fmt::format("remove {}", path))));
      }
    } else if (stat(path.c_str(), &info) == 0) {
      const auto size = static_cast<uint64_t>(info.st_size);
      contents_[digest] = {size, clock_.Now(), {}};
      bytes_ += size;
    } else {
      return SystemError(errno, fmt::format("look at {}", path));
    }
  }
  if (!error) return absl::OkStatus();
  return SystemError(error.value(), fmt::format("list {}", directory_));
}

std::string ContentStore::PathOf(std::string_view digest) const {
  return fmt::format("{}/{}{}", directory_, Hex(digest), kPackSuffix);
}

void ContentStore::SetLimit(uint64_t limit) {
  MutexLock lock(mutex_);
  limit_ = limit;
}

bool ContentStore::Contains(std::string_view digest) {
  MutexLock lock(mutex_);
  const auto found = contents_.find(digest);
  if (found == contents_.end()) return false;
  found->second.wanted_at = clock_.Now();
  return true;
}

absl::StatusOr<ContentUpload> ContentStore::Begin(const std::string& digest,
                                                  uint64_t size) {
  if (digest.size() != kDigestBytes) {
    return InvalidArgument(
        "the manifest's digest has {} bytes; it is a SHA-256, of {}",
        digest.size(), kDigestBytes);
  }
  std::string path;
  {
    MutexLock lock(mutex_);
    if (bytes_ > limit_ || size > limit_ - bytes_) {
      return ResourceExhausted(
          "no room for {} beside the {} that the jobs' files take; remove jobs "
          "that copied files, or raise contents_limit ({})",
          FormatSize(size), FormatSize(bytes_), FormatSize(limit_));
    }
    bytes_ += size;
    path = fmt::format("{}/upload-{}.part", directory_, ++uploads_);
  }
  FileDescriptor file(open(path.c_str(),
                           O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                           kPackMode));
  if (!file.valid()) {
    const int error = errno;
    Release(size);
    return SystemError(error, fmt::format("make {}", path));
  }
  return ContentUpload(*this, digest, size, std::move(path), std::move(file));
}

void ContentStore::Release(uint64_t size) {
  MutexLock lock(mutex_);
  bytes_ -= size;
}

void ContentStore::Add(const std::string& digest, uint64_t size) {
  MutexLock lock(mutex_);
  Content& content = contents_[digest];
  // It took the place of one that came meanwhile.
  bytes_ -= content.size;
  content = {size, clock_.Now(), {}};
}

absl::StatusOr<std::shared_ptr<const copy::PackReader>> ContentStore::Read(
    const std::string& digest) {
  {
    MutexLock lock(mutex_);
    const auto found = contents_.find(digest);
    if (found == contents_.end()) {
      return NotFound("the files of manifest {} are not here; copy them again",
                      Hex(digest));
    }
    if (auto reader = found->second.reader.lock()) return reader;
  }
  absl::StatusOr<copy::PackReader> opened = OpenPack(digest);
  MutexLock lock(mutex_);
  const auto found = contents_.find(digest);
  if (!opened.ok()) {
    // Of another one that was put there meanwhile a reader is open.
    if (found != contents_.end() && found->second.reader.expired() &&
        IsGone(opened.status())) {
      Remove(digest);
    }
    return opened.status();
  }
  auto reader = std::make_shared<const copy::PackReader>(*std::move(opened));
  if (found != contents_.end()) found->second.reader = reader;
  return reader;
}

absl::StatusOr<copy::PackReader> ContentStore::OpenPack(
    std::string_view digest) const {
  const std::string path = PathOf(digest);
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
  return copy::PackReader::Open(std::move(file), path);
}

void ContentStore::Forget(const std::string& digest,
                          const copy::PackReader& reader) {
  MutexLock lock(mutex_);
  const auto found = contents_.find(digest);
  if (found == contents_.end() ||
      found->second.reader.lock().get() != &reader) {
    return;
  }
  Remove(digest);
}

void ContentStore::Remove(const std::string& digest) {
  const std::string path = PathOf(digest);
  log::Warning("{} is damaged; it is removed, to be sent again", path);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    log::Warning("{}",
                 TextOf(SystemError(errno, fmt::format("remove {}", path))));
  }
  const auto found = contents_.find(digest);
  bytes_ -= found->second.size;
  contents_.erase(found);
}

void ContentStore::KeepOnly(const std::set<std::string>& used) {
  const absl::Time now = clock_.Now();
  // Throughout: no upload of the same may come in between.
  MutexLock lock(mutex_);
  for (auto entry = contents_.begin(); entry != contents_.end();) {
    auto& [digest, content] = *entry;
    if (used.contains(digest)) content.wanted_at = now;
    const std::string path = PathOf(digest);
    if (content.wanted_at + kUnusedFor > now) {
      ++entry;
    } else if (unlink(path.c_str()) == 0) {
      bytes_ -= content.size;
      entry = contents_.erase(entry);
    } else {
      log::Warning("{}", TextOf(SystemError(errno, "remove " + path)));
      ++entry;
    }
  }
}

}  // namespace tutti::controller
