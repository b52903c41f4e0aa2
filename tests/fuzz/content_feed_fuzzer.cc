// What a target asks its controller for. After a restart the controller goes
// on in the middle, with the same requests in another split: a chunk with
// another number, or other bytes, would be put into the wrong place.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/signing/input_chunk.h"
#include "controller/contents/content_feed.h"
#include "controller/contents/content_store.h"
#include "copy/frames.h"
#include "tests/fuzz/expectation.h"
#include "tests/unit/copy/copy_fixture.h"
#include "tutti/v1/copy.pb.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::testing {
namespace {

// Requests for more are cut off there, so that a round stays short.
constexpr size_t kMostChunks = 100;

// A store with one pack: blocks of less than a chunk, of one exactly once its
// frame is made, and of several.
class Contents {
 public:
  Contents() {
    const std::string path = directory_.File("source");
    std::filesystem::create_directory(path);
    uint32_t seed = 0;
    for (const size_t bytes : {10, 32'764, 33'000, 100'000}) {
      copy::WriteFile(path + "/" + std::to_string(seed),
                      copy::Noise(bytes, seed));
      ++seed;
    }
    absl::StatusOr<copy::WrittenPack> pack = copy::WritePack({path}, {});
    Expect(pack.ok(), "the pack is written");
    digest_ = pack->manifest_digest;
    auto store = controller::ContentStore::Open(directory_.File("contents"),
                                                1 << 30, clock_);
    Expect(store.ok(), "the store is there");
    store_ = *std::move(store);
    absl::StatusOr<controller::ContentUpload> upload =
        store_->Begin(digest_, pack->file_bytes);
    Expect(upload.ok(), "the pack has room");
    std::string bytes(pack->file_bytes, '\0');
    Expect(pread(pack->file.get(), bytes.data(), bytes.size(), 0) ==
                   static_cast<ssize_t>(bytes.size()) &&
               upload->Write(bytes).ok() && upload->Finish().ok(),
           "the store takes the pack");
    auto reader = store_->Read(digest_);
    Expect(reader.ok(), "the store gives the pack");
    pack_ = *std::move(reader);
  }

  const std::string& digest() const { return digest_; }
  controller::ContentStore& store() { return *store_; }
  const copy::PackReader& pack() const { return *pack_; }

 private:
  FakeClock clock_;
  TemporaryDirectory directory_;
  std::string digest_;
  std::unique_ptr<controller::ContentStore> store_;
  std::shared_ptr<const copy::PackReader> pack_;
};

struct Fed {
  bool ok = true;
  controller::ContentChunks chunks;
};

// The requests in pieces of `step` bytes, to a new feed, read from `from` on.
Fed Feed(Contents& contents, std::string_view requests, size_t step,
         uint64_t from) {
  controller::ContentFeed feed(v1::AttemptKey(), contents.digest());
  Fed all;
  for (size_t at = 0; at < requests.size(); at += step) {
    std::string_view piece = requests.substr(at, step);
    bool more = true;
    while (more) {
      auto fed = feed.Step(contents.store(), piece, from);
      piece = {};
      if (!fed.ok()) {
        all.ok = false;
        return all;
      }
      more = fed->more;
      if (fed->chunks.empty()) continue;
      Expect(fed->number == from + all.chunks.size(), "chunks are contiguous");
      all.chunks.insert(all.chunks.end(), fed->chunks.begin(),
                        fed->chunks.end());
      if (from + all.chunks.size() > kMostChunks) return all;
    }
  }
  return all;
}

std::string_view Cut(std::string_view frame, size_t number) {
  const size_t from = number * kMaxInputChunkBytes;
  return from < frame.size() ? frame.substr(from, kMaxInputChunkBytes)
                             : std::string_view();
}

// What these requests get, frame by frame, from the pack itself.
controller::ContentChunks Expected(const Contents& contents,
                                   std::string_view requests) {
  controller::ContentChunks chunks;
  const auto add = [&](const absl::StatusOr<std::string>& content) {
    Expect(content.ok(), "what was answered is in the pack");
    std::string frame;
    copy::AppendFrame(*content, frame);
    for (size_t i = 0; i == 0 || !Cut(frame, i).empty(); ++i) {
      chunks.push_back(controller::MakeContentChunk(
          v1::AttemptKey(), chunks.size(), Cut(frame, i)));
    }
  };
  copy::FrameSplitter frames(requests.size());
  frames.Append(requests);
  for (auto frame = frames.Next();
       frame.ok() && frame->has_value() && chunks.size() <= kMostChunks;
       frame = frames.Next()) {
    v1::CopyRequest request;
    Expect(request.ParseFromString(std::string(**frame)),
           "what was answered is a request");
    if (request.has_manifest()) add(contents.pack().Manifest());
    for (const uint32_t number : request.blocks().numbers()) {
      if (chunks.size() > kMostChunks) break;
      add(contents.pack().Block(number));
    }
  }
  return chunks;
}

// Each byte a request: 0 is the manifest, others are runs of blocks.
std::string MakeRequests(std::string_view input) {
  std::string stream;
  for (const char byte : input) {
    const uint8_t what = static_cast<uint8_t>(byte);
    v1::CopyRequest request;
    if (what == 0) {
      request.mutable_manifest();
    } else {
      for (uint32_t i = 0; i < what % 4u; ++i) {
        request.mutable_blocks()->add_numbers(what / 4 % 8 + i);
      }
    }
    copy::AppendFrame(request.SerializeAsString(), stream);
  }
  return stream;
}

bool Same(const controller::ContentChunks& some,
          const controller::ContentChunks& all, size_t from) {
  if (from >= all.size()) return some.empty();
  // Either may have ended early at kMostChunks.
  const size_t count = std::min(some.size(), all.size() - from);
  if (count == 0) return false;
  return std::equal(some.begin(), some.begin() + count, all.begin() + from,
                    [](const auto& a, const auto& b) { return *a == *b; });
}

}  // namespace
}  // namespace tutti::testing

// The first byte: requests as they are, or instructions for some; then the
// split, and the chunk to begin at.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tutti::testing::Expect;
  static tutti::testing::Contents contents;
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 3,
                               size - 3);
  const std::string requests =
      data[0] == 's' ? std::string(input) : tutti::testing::MakeRequests(input);
  const auto whole =
      tutti::testing::Feed(contents, requests, requests.size() + 1, 0);
  const auto rest =
      tutti::testing::Feed(contents, requests, 1 + data[1] % 40, data[2] % 16);
  if (!whole.ok) {
    // Before the bad request others may have filled the round.
    Expect(!rest.ok ||
               rest.chunks.size() + data[2] % 16 > tutti::testing::kMostChunks,
           "the split makes no difference to what is refused");
    return 0;
  }
  const auto expected = tutti::testing::Expected(contents, requests);
  Expect(rest.ok, "the split makes no difference to what is taken");
  Expect(tutti::testing::Same(whole.chunks, expected, 0),
         "it is what was asked for");
  Expect(tutti::testing::Same(rest.chunks, expected, data[2] % 16),
         "it goes on at any chunk");
  return 0;
}
