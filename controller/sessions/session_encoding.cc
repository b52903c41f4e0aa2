#include "controller/sessions/session_encoding.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <memory>
#include <string>
#include <vector>

namespace tutti::controller {
namespace {

using google::protobuf::MessageLite;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// Tag and length in front of a field that is `size` bytes long.
class FieldHead {
 public:
  FieldHead(int number, size_t size)
      : tag_(WireFormatLite::MakeTag(
            number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)),
        size_(static_cast<uint32_t>(size)) {}

  size_t byte_size() const {
    return CodedOutputStream::VarintSize32(tag_) +
           CodedOutputStream::VarintSize32(size_);
  }
  // Returns the place behind what was written.
  uint8_t* Write(uint8_t* to) const {
    to = CodedOutputStream::WriteVarint32ToArray(tag_, to);
    return CodedOutputStream::WriteVarint32ToArray(size_, to);
  }

 private:
  const uint32_t tag_;
  const uint32_t size_;
};

// A slice that was made here is nobody else's yet.
uint8_t* MutableBegin(grpc::Slice& slice) {
  return const_cast<uint8_t*>(slice.begin());
}

// Refers to the string and keeps it alive.
grpc::Slice ShareString(const std::shared_ptr<const std::string>& text) {
  using Owner = std::shared_ptr<const std::string>;
  return grpc::Slice(
      const_cast<char*>(text->data()), text->size(),
      [](void* owner) { delete static_cast<Owner*>(owner); }, new Owner(text));
}

}  // namespace

grpc::ByteBuffer Encode(const MessageLite& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(MutableBegin(slice));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer EncodeAssignment(const Assignment& assignment) {
  grpc::Slice rest(assignment.rest.ByteSizeLong());
  assignment.rest.SerializeWithCachedSizesToArray(MutableBegin(rest));
  const FieldHead envelope(v1::AssignTask::kEnvelopeFieldNumber,
                           assignment.envelope->size());
  const FieldHead assign(
      v1::SessionResponse::kAssignFieldNumber,
      envelope.byte_size() + assignment.envelope->size() + rest.size());

  grpc::Slice head(assign.byte_size() + envelope.byte_size());
  envelope.Write(assign.Write(MutableBegin(head)));
  const grpc::Slice slices[] = {
      std::move(head), ShareString(assignment.envelope), std::move(rest)};
  return grpc::ByteBuffer(slices, std::size(slices));
}

grpc::ByteBuffer EncodeInput(const InputPiece& piece) {
  v1::TaskInput rest;
  *rest.mutable_key() = piece.key;
  rest.set_number(piece.number);
  size_t size = rest.ByteSizeLong();
  std::vector<FieldHead> heads;
  heads.reserve(piece.chunks.size());
  for (const auto& chunk : piece.chunks) {
    heads.emplace_back(v1::TaskInput::kChunksFieldNumber, chunk->size());
    size += heads.back().byte_size() + chunk->size();
  }
  const FieldHead input(v1::SessionResponse::kInputFieldNumber, size);

  grpc::Slice head(input.byte_size() + rest.GetCachedSize());
  rest.SerializeWithCachedSizesToArray(input.Write(MutableBegin(head)));
  std::vector<grpc::Slice> slices = {std::move(head)};
  slices.reserve(1 + 2 * piece.chunks.size());
  for (size_t i = 0; i < piece.chunks.size(); ++i) {
    grpc::Slice chunk_head(heads[i].byte_size());
    heads[i].Write(MutableBegin(chunk_head));
    slices.push_back(std::move(chunk_head));
    slices.push_back(ShareString(piece.chunks[i]));
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

bool Decode(grpc::ByteBuffer& bytes, MessageLite& message) {
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace tutti::controller
