#include "clinux.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 28

int clinux_unix_socket(int type) { return socket(AF_UNIX, type | SOCK_CLOEXEC, 0); }

static int unix_name(struct sockaddr_un *name, socklen_t *size, const char *path, size_t length) {
  if (length >= sizeof name->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(name, 0, sizeof *name);
  name->sun_family = AF_UNIX;
  memcpy(name->sun_path, path, length);
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (length && path[0] ? 1 : 0));
  return 0;
}
int clinux_unix_bind(int fd, const char *path, size_t length) {
  struct sockaddr_un name;
  socklen_t size;
  if (unix_name(&name, &size, path, length) == -1) return -1;
  return bind(fd, (struct sockaddr *)&name, size);
}
int clinux_unix_connect(int fd, const char *path, size_t length) {
  struct sockaddr_un name;
  socklen_t size;
  if (unix_name(&name, &size, path, length) == -1) return -1;
  return connect(fd, (struct sockaddr *)&name, size);
}

static socklen_t inet_name(struct sockaddr_storage *name, int family, const uint8_t *address, uint16_t port) {
  memset(name, 0, sizeof *name);
  if (family == AF_INET6) {
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)name;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    memcpy(&six->sin6_addr, address, 16);
    return sizeof *six;
  }
  struct sockaddr_in *four = (struct sockaddr_in *)name;
  four->sin_family = AF_INET;
  four->sin_port = htons(port);
  memcpy(&four->sin_addr, address, 4);
  return sizeof *four;
}
static void tell_inet(const struct sockaddr_storage *name, int *family, uint8_t address[16], uint16_t *port) {
  *family = name->ss_family;
  if (name->ss_family == AF_INET6) {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)name;
    memcpy(address, &six->sin6_addr, 16);
    *port = ntohs(six->sin6_port);
  } else if (name->ss_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)name;
    memcpy(address, &four->sin_addr, 4);
    *port = ntohs(four->sin_port);
  }
}
int clinux_inet_bind(int fd, int family, const uint8_t *address, uint16_t port) {
  struct sockaddr_storage name;
  socklen_t size = inet_name(&name, family, address, port);
  return bind(fd, (struct sockaddr *)&name, size);
}
int clinux_inet_connect(int fd, int family, const uint8_t *address, uint16_t port) {
  struct sockaddr_storage name;
  socklen_t size = inet_name(&name, family, address, port);
  return connect(fd, (struct sockaddr *)&name, size);
}
ssize_t clinux_inet_sendto(int fd, const void *bytes, size_t count, int family, const uint8_t *address, uint16_t port) {
  struct sockaddr_storage name;
  socklen_t size = inet_name(&name, family, address, port);
  return sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&name, size);
}
ssize_t clinux_inet_recvfrom(int fd, void *bytes, size_t count, int *family, uint8_t address[16], uint16_t *port) {
  struct sockaddr_storage name;
  memset(&name, 0, sizeof name);
  socklen_t size = sizeof name;
  ssize_t got = recvfrom(fd, bytes, count, 0, (struct sockaddr *)&name, &size);
  if (got >= 0) tell_inet(&name, family, address, port);
  return got;
}
ssize_t clinux_inet6_receive(int fd, void *bytes, size_t count, uint8_t sender[16], uint16_t *port, uint8_t own[16], uint32_t *link) {
  struct sockaddr_in6 name;
  memset(&name, 0, sizeof name);
  struct iovec part = {bytes, count};
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(struct in6_pktinfo))]; } control;
  struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &part, .msg_iovlen = 1,
                           .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &message, 0);
  if (got < 0) return got;
  memcpy(sender, &name.sin6_addr, 16);
  *port = ntohs(name.sin6_port);
  memset(own, 0, 16);
  *link = 0;
  for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != IPPROTO_IPV6 || one->cmsg_type != IPV6_PKTINFO) continue;
    struct in6_pktinfo info;
    memcpy(&info, CMSG_DATA(one), sizeof info);
    memcpy(own, &info.ipi6_addr, 16);
    *link = info.ipi6_ifindex;
  }
  return got;
}
ssize_t clinux_inet6_answer(int fd, const void *bytes, size_t count, const uint8_t receiver[16], uint16_t port,
                            const uint8_t own[16], uint32_t link) {
  struct sockaddr_storage name;
  socklen_t size = inet_name(&name, AF_INET6, receiver, port);
  struct iovec part = {(void *)bytes, count};
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(struct in6_pktinfo))]; } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_name = &name, .msg_namelen = size, .msg_iov = &part, .msg_iovlen = 1,
                           .msg_control = &control, .msg_controllen = sizeof control};
  struct in6_pktinfo info = {.ipi6_ifindex = link};
  memcpy(&info.ipi6_addr, own, 16);
  struct cmsghdr *one = CMSG_FIRSTHDR(&message);
  one->cmsg_level = IPPROTO_IPV6;
  one->cmsg_type = IPV6_PKTINFO;
  one->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(one), &info, sizeof info);
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}
int clinux_reset_on_close(int fd, int on) {
  struct linger now = {.l_onoff = on, .l_linger = 0};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}
int clinux_inet_name(int fd, int peer, int *family, uint8_t address[16], uint16_t *port) {
  struct sockaddr_storage name;
  memset(&name, 0, sizeof name);
  socklen_t size = sizeof name;
  int result = peer ? getpeername(fd, (struct sockaddr *)&name, &size) : getsockname(fd, (struct sockaddr *)&name, &size);
  if (result == 0) tell_inet(&name, family, address, port);
  return result;
}
int clinux_accept4(int fd, int flags) { return accept4(fd, NULL, NULL, flags | SOCK_CLOEXEC); }
int clinux_peer_credentials(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1) return -1;
  *pid = peer.pid;
  *uid = peer.uid;
  *gid = peer.gid;
  return 0;
}

ssize_t clinux_send_descriptors(int fd, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
  if (descriptor_count > MOST_DESCRIPTORS) {
    errno = E2BIG;
    return -1;
  }
  struct iovec part = {(void *)bytes, count};
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)]; } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor_count > 0) {
    size_t size = sizeof(int) * (size_t)descriptor_count;
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors, size);
  }
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}
ssize_t clinux_receive_descriptors(int fd, void *bytes, size_t count, int *descriptors, int *descriptor_count) {
  struct iovec part = {bytes, count};
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)]; } control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  *descriptor_count = 0;
  ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return got;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int number = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < number && *descriptor_count < MOST_DESCRIPTORS; i++)
      memcpy(&descriptors[(*descriptor_count)++], CMSG_DATA(header) + sizeof(int) * (size_t)i, sizeof(int));
  }
  return got;
}

int clinux_loopback_up(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1) return -1;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  int result = ioctl(fd, SIOCGIFFLAGS, &request);
  if (result == 0) {
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    result = ioctl(fd, SIOCSIFFLAGS, &request);
  }
  int error = errno;
  close(fd);
  errno = error;
  return result;
}
