// What signer and verifier of a job's input go by.
#ifndef COMMON_SIGNING_INPUT_CHUNK_H_
#define COMMON_SIGNING_INPUT_CHUNK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// Of data in one chunk.
inline constexpr size_t kMaxInputChunkBytes = 32 << 10;
// Of one chunk with its signature, serialised.
inline constexpr size_t kMaxSignedInputBytes = kMaxInputChunkBytes + 1024;
// Chunks that a target keeps until its process takes them.
inline constexpr uint64_t kMaxInputChunksAhead = 64;

// What of a serialised v1::InputChunk is signed.
std::string SignedInputBytes(std::string_view chunk);

// Whether `chunk` says one thing that a task, with or without a terminal, can
// be given. INVALID_ARGUMENT otherwise.
absl::Status CheckInputContent(const v1::InputChunk& chunk, bool has_terminal);

// Rows and columns from 1 to 65,535.
absl::Status CheckWindowSize(const v1::WindowSize& size);

}  // namespace tutti

#endif  // COMMON_SIGNING_INPUT_CHUNK_H_
