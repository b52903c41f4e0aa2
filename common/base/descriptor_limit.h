// How many descriptors the process may have.
#ifndef COMMON_BASE_DESCRIPTOR_LIMIT_H_
#define COMMON_BASE_DESCRIPTOR_LIMIT_H_

namespace tutti {

// As many as it may raise that to, for a program that holds several for each
// of its peers or tasks.
void RaiseDescriptorLimit();

}  // namespace tutti

#endif  // COMMON_BASE_DESCRIPTOR_LIMIT_H_
