#include "controller/sessions/session_encoding.h"

#include <gmock/gmock.h>
#include <grpcpp/support/slice.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace tutti::controller {
namespace {

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(slice.begin(), slice.end());
  }
  return bytes;
}

Assignment MakeAssignment(size_t envelope_size, int hashes) {
  Assignment assignment;
  assignment.envelope = std::make_shared<const std::string>(envelope_size, 'e');
  assignment.rest.mutable_proof()->set_leaf_index(hashes * 1000);
  for (int i = 0; i < hashes; ++i) {
    assignment.rest.mutable_proof()->add_hashes(
        std::string(32, static_cast<char>('a' + i)));
  }
  assignment.rest.mutable_key()->set_job_uuid(std::string(16, 'u'));
  assignment.rest.mutable_key()->set_attempt(1);
  assignment.rest.mutable_key()->set_target("web01.example");
  return assignment;
}

// Written by hand: an agent must not be able to tell it from protobuf's own.
TEST(SessionEncodingTest, AnAssignmentIsTheSameBytesAsTheMessage) {
  // Around the sizes where a length takes one more byte.
  for (const size_t size : {0, 1, 100, 127, 128, 16'383, 16'384, 4 << 20}) {
    for (const int hashes : {0, 1, 14}) {
      const Assignment assignment = MakeAssignment(size, hashes);
      v1::SessionResponse message;
      v1::AssignTask& assign = *message.mutable_assign();
      assign = assignment.rest;
      assign.set_envelope(*assignment.envelope);

      grpc::ByteBuffer encoded = EncodeAssignment(assignment);
      v1::SessionResponse decoded;
      ASSERT_TRUE(Decode(encoded, decoded));
      EXPECT_EQ(decoded.SerializeAsString(), message.SerializeAsString())
          << size << " bytes, " << hashes << " hashes";
    }
  }
}

// Ten thousand targets must not cost ten thousand copies.
TEST(SessionEncodingTest, AnEnvelopeIsSharedAndLetGo) {
  const Assignment assignment = MakeAssignment(100'000, 3);
  std::vector<grpc::ByteBuffer> encoded;
  for (int i = 0; i < 10; ++i) encoded.push_back(EncodeAssignment(assignment));
  EXPECT_EQ(assignment.envelope.use_count(), 11);
  for (const grpc::ByteBuffer& buffer : encoded) {
    std::vector<grpc::Slice> slices;
    ASSERT_TRUE(buffer.Dump(&slices).ok());
    EXPECT_TRUE(std::any_of(
        slices.begin(), slices.end(), [&](const grpc::Slice& slice) {
          return reinterpret_cast<const char*>(slice.begin()) ==
                 assignment.envelope->data();
        }));
  }
  encoded.clear();
  EXPECT_EQ(assignment.envelope.use_count(), 1);
}

TEST(SessionEncodingTest, AMessageIsEncodedAsProtobufDoes) {
  v1::SessionResponse message;
  message.mutable_directives()->add_attempts()->set_acknowledged_position(77);
  EXPECT_EQ(BytesOf(Encode(message)), message.SerializeAsString());
  EXPECT_EQ(BytesOf(Encode(v1::SessionResponse())), "");
}

TEST(SessionEncodingTest, GarbageIsNoMessage) {
  const grpc::Slice slice(std::string("\xff\xff\xff"));
  grpc::ByteBuffer buffer(&slice, 1);
  v1::SessionRequest request;
  EXPECT_FALSE(Decode(buffer, request));
}

TEST(SessionEncodingTest, InputIsWhatProtobufMakesOfItAndIsShared) {
  InputPiece piece;
  piece.key.set_job_uuid(std::string(16, 'u'));
  piece.key.set_target("web01");
  piece.number = 300;
  v1::SessionResponse expected;
  v1::TaskInput& input = *expected.mutable_input();
  *input.mutable_key() = piece.key;
  input.set_number(300);
  for (const size_t size : {0, 1, 127, 128, 32'000}) {
    piece.chunks.push_back(std::make_shared<const std::string>(size, 'i'));
    input.add_chunks(*piece.chunks.back());
  }
  grpc::ByteBuffer encoded = EncodeInput(piece);
  EXPECT_EQ(piece.chunks.back().use_count(), 2);
  v1::SessionResponse decoded;
  ASSERT_TRUE(Decode(encoded, decoded));
  EXPECT_EQ(decoded.SerializeAsString(), expected.SerializeAsString());
}

}  // namespace
}  // namespace tutti::controller
