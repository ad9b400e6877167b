/* gaps FILE SECONDS: writes 4 KiB to the file each millisecond for so long, and prints the longest time in microseconds
 * from one write's end to the next one's. Run in a guest, it is what a writer there notices of whatever is done to its
 * filesystem; what the guest's own scheduler does to it counts, too. Built statically: a guest may have no libraries. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* So far, then from the beginning again: the page cache is not to fill up. */
#define LENGTH (16 << 20)
#define PIECE 4096

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

int main(int count, char **words) {
    static char piece[PIECE];
    if (count != 3) {
        fprintf(stderr, "usage: gaps FILE SECONDS\n");
        return 2;
    }
    int file = open(words[1], O_CREAT | O_WRONLY, 0644);
    if (file < 0) {
        perror(words[1]);
        return 1;
    }
    memset(piece, 'x', PIECE);
    double end = now() + atof(words[2]) * 1e6, last = now(), longest = 0;
    for (off_t at = 0; last < end; at = (at + PIECE) % LENGTH) {
        usleep(1000);
        if (pwrite(file, piece, PIECE, at) != PIECE) {
            perror(words[1]);
            return 1;
        }
        double time = now();
        if (time - last > longest)
            longest = time - last;
        last = time;
    }
    printf("%.0f\n", longest);
    return 0;
}
