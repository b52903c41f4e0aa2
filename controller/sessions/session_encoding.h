// Messages of the agents' streams as bytes. They are encoded here rather than
// by gRPC so that thousands of assignments share one envelope.
#ifndef CONTROLLER_SESSIONS_SESSION_ENCODING_H_
#define CONTROLLER_SESSIONS_SESSION_ENCODING_H_

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include "controller/core/core.h"

namespace tutti::controller {

grpc::ByteBuffer Encode(const google::protobuf::MessageLite& message);

// The SessionResponse with that assignment. Refers to the envelope instead of
// copying it.
grpc::ByteBuffer EncodeAssignment(const Assignment& assignment);
// The same with the chunks.
grpc::ByteBuffer EncodeInput(const InputPiece& piece);

// False when the bytes are not such a message.
bool Decode(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_SESSION_ENCODING_H_
