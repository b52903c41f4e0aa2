#include "controller/cli/follow/gatherer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace tutti::cli {
namespace {

// Walks through a text that lies in chunks.
class ChunkReader {
 public:
  explicit ChunkReader(const std::vector<SharedBytes>& chunks)
      : chunks_(chunks) {
    Settle();
  }

  bool AtEnd() const { return index_ == chunks_.size(); }
  std::string_view rest() const {
    return std::string_view(*chunks_[index_]).substr(offset_);
  }
  const std::string* chunk() const { return chunks_[index_].get(); }
  size_t offset() const { return offset_; }
  void Skip(size_t count) {
    offset_ += count;
    Settle();
  }

 private:
  void Settle() {
    while (!AtEnd() && offset_ == chunks_[index_]->size()) {
      ++index_;
      offset_ = 0;
    }
  }

  const std::vector<SharedBytes>& chunks_;
  size_t index_ = 0;
  size_t offset_ = 0;
};

// True when the shorter one begins the longer one.
bool IsPrefix(const std::vector<SharedBytes>& left,
              const std::vector<SharedBytes>& right) {
  ChunkReader a(left);
  ChunkReader b(right);
  while (!a.AtEnd() && !b.AtEnd()) {
    const size_t common = std::min(a.rest().size(), b.rest().size());
    const bool is_shared = a.chunk() == b.chunk() && a.offset() == b.offset();
    if (!is_shared &&
        std::memcmp(a.rest().data(), b.rest().data(), common) != 0) {
      return false;
    }
    a.Skip(common);
    b.Skip(common);
  }
  return true;
}

}  // namespace

void RollingDigest::Append(std::string_view data) {
  size_ += data.size();
  while (!data.empty() && partial_bytes_ > 0) {
    partial_ |= static_cast<uint64_t>(static_cast<uint8_t>(data[0]))
                << (8 * partial_bytes_);
    data.remove_prefix(1);
    if (++partial_bytes_ == 8) {
      Mix(partial_);
      partial_ = 0;
      partial_bytes_ = 0;
    }
  }
  for (; data.size() >= 8; data.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, data.data(), sizeof word);
    Mix(word);
  }
  for (const char byte : data) {
    partial_ |= static_cast<uint64_t>(static_cast<uint8_t>(byte))
                << (8 * partial_bytes_++);
  }
}

uint64_t RollingDigest::Finish() const {
  RollingDigest last = *this;
  last.Mix(partial_);
  last.Mix(size_);
  return last.state_;
}

void RollingDigest::Mix(uint64_t word) {
  state_ = (state_ ^ word) * 0xff51afd7ed558ccd;
  state_ ^= state_ >> 32;
}

void Gatherer::Append(size_t task, SharedBytes content) {
  if (content->empty()) return;
  Text& text = texts_[task];
  text.digest.Append(*content);
  text.size += content->size();
  text.chunks.push_back(std::move(content));
}

std::vector<std::vector<size_t>> Gatherer::Groups() const {
  std::vector<std::vector<size_t>> groups;
  // Several groups under one key only where digests collide.
  absl::flat_hash_map<Key, std::vector<size_t>> by_key;
  for (size_t task = 0; task < texts_.size(); ++task) {
    if (texts_[task].size == 0) continue;
    std::vector<size_t>& candidates = by_key[KeyOf(texts_[task])];
    const auto found = std::find_if(
        candidates.begin(), candidates.end(), [&](size_t candidate) {
          return IsSame(texts_[groups[candidate].front()], texts_[task]);
        });
    if (found != candidates.end()) {
      groups[*found].push_back(task);
    } else {
      candidates.push_back(groups.size());
      groups.push_back({task});
    }
  }
  return groups;
}

bool Gatherer::Begins(size_t task, size_t other) const {
  return texts_[task].size <= texts_[other].size &&
         IsPrefix(texts_[task].chunks, texts_[other].chunks);
}

void Gatherer::AppendText(size_t task, std::string& text) const {
  for (const SharedBytes& chunk : texts_[task].chunks) text += *chunk;
  if (!EndsLine(texts_[task])) text += '\n';
}

std::vector<std::string> Gatherer::LastLines(size_t task, size_t count) const {
  // Enough for some lines of any terminal's width.
  constexpr size_t kEnough = 4096;
  const std::vector<SharedBytes>& chunks = texts_[task].chunks;
  size_t first = chunks.size();
  size_t size = 0;
  while (first > 0 && size < kEnough) size += chunks[--first]->size();
  std::string tail;
  for (; first < chunks.size(); ++first) tail += *chunks[first];
  std::string_view rest = tail;
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  std::vector<std::string> lines;
  while (!rest.empty() && lines.size() < count) {
    const size_t newline = rest.rfind('\n');
    const size_t begin = newline == rest.npos ? 0 : newline + 1;
    lines.emplace_back(rest.substr(begin));
    rest = rest.substr(0, newline == rest.npos ? 0 : newline);
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

bool Gatherer::EndsLine(const Text& text) {
  return text.chunks.empty() || text.chunks.back()->ends_with('\n');
}

Gatherer::Key Gatherer::KeyOf(const Text& text) {
  if (EndsLine(text)) return {text.digest.Finish(), text.size};
  RollingDigest digest = text.digest;
  digest.Append("\n");
  return {digest.Finish(), text.size + 1};
}

bool Gatherer::IsSame(const Text& left, const Text& right) {
  // Their keys are equal, so one may only lack the last newline.
  return IsPrefix(left.chunks, right.chunks);
}

}  // namespace tutti::cli
