/* What `docker run hello-world` is for: it says that everything on the way here works, and what that was. */
#include <string.h>
#include <unistd.h>

static const char text[] =
    "\n"
    "Hello from Skiff!\n"
    "This message shows that your installation appears to be working correctly.\n"
    "\n"
    "To generate this message, these steps were taken:\n"
    " 1. The client contacted the Skiff engine, skiffd.\n"
    " 2. The engine found the image \"hello-world\". It is a stand-in that was made on this\n"
    "    machine, not the image of that name on Docker Hub: see images/README.md.\n"
    " 3. The engine created a new container from that image, which runs the\n"
    "    executable that produces the output you are currently reading.\n"
    " 4. The engine streamed that output to the client, which sent it to your terminal.\n"
    "\n"
    "To try something more ambitious, you can run a shell in a container with:\n"
    " $ docker run -it busybox sh\n"
    "\n";

int main(void) {
  size_t done = 0;
  while (done < strlen(text)) {
    ssize_t count = write(1, text + done, strlen(text) - done);
    if (count <= 0) return 1;
    done += (size_t)count;
  }
  return 0;
}
