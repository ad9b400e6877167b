/* The fastest honest libext2fs seeder: contiguous allocation, content by copy_file_range or one pwrite, everything
   else by the library. Usage: contiguous seed IMAGE SOURCE | contiguous list IMAGE */
#define _GNU_SOURCE
#include <dirent.h>
#include <ext2fs/ext2fs.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define OK(call) do { errcode_t e_ = (call); if (e_) { fprintf(stderr, "%s: %ld\n", #call, (long)e_); exit(1); } } while (0)

static ext2_filsys fs;
static int image;
static blk64_t goal;
static unsigned long long files, bytes;
static char buffer[1 << 18];

static void name_it(ext2_ino_t folder, const char *name, ext2_ino_t ino, int type) {
    errcode_t e = ext2fs_link(fs, folder, name, ino, type);
    if (e == EXT2_ET_DIR_NO_SPACE) { OK(ext2fs_expand_dir(fs, folder)); e = ext2fs_link(fs, folder, name, ino, type); }
    OK(e);
}

static void put_file(ext2_ino_t folder, const char *path, const char *name, struct stat *st) {
    ext2_ino_t ino; struct ext2_inode_large inode; ext2_extent_handle_t tree; int from = open(path, O_RDONLY);
    blk64_t left = (st->st_size + fs->blocksize - 1) / fs->blocksize, logical = 0, start; off_t in = 0;
    OK(ext2fs_new_inode(fs, folder, S_IFREG, 0, &ino)); memset(&inode, 0, sizeof inode);
    inode.i_mode = st->st_mode; inode.i_links_count = 1; inode.i_extra_isize = 32; inode.i_mtime = st->st_mtime;
    OK(ext2fs_inode_size_set(fs, (struct ext2_inode *)&inode, st->st_size)); inode.i_flags = EXT4_EXTENTS_FL;
    OK(ext2fs_extent_open2(fs, ino, (struct ext2_inode *)&inode, &tree));
    while (left > 0) {
        blk64_t run = left < 32768 ? left : 32768;
        while (ext2fs_new_range(fs, 0, goal, run, NULL, &start, &run)) run = run > 1 ? run / 2 : 1;
        if (run > left) run = left;
        if (run > 32768) run = 32768;
        /* First, for the library takes blocks for the extent tree by itself. */
        ext2fs_block_alloc_stats_range(fs, start, run, +1); goal = start + run;
        struct ext2fs_extent extent = {.e_pblk = start, .e_lblk = logical, .e_len = run};
        OK(ext2fs_extent_insert(tree, EXT2_EXTENT_INSERT_AFTER, &extent));
        off_t out = start * fs->blocksize, end = in + (off_t)run * fs->blocksize; if (end > st->st_size) end = st->st_size;
        while (in < end) {
            ssize_t n = end - in > (off_t)sizeof buffer ? copy_file_range(from, &in, image, &out, end - in, 0) : -1;
            if (n <= 0) { n = pread(from, buffer, end - in < (off_t)sizeof buffer ? end - in : (off_t)sizeof buffer, in);
                if (n <= 0 || pwrite(image, buffer, n, out) != n) { perror(path); exit(1); } in += n; out += n; }
        }
        logical += run; left -= run;
    }
    ext2fs_extent_free(tree); close(from);
    OK(ext2fs_iblk_set(fs, (struct ext2_inode *)&inode, logical));
    OK(ext2fs_write_new_inode(fs, ino, (struct ext2_inode *)&inode)); ext2fs_inode_alloc_stats2(fs, ino, +1, 0);
    name_it(folder, name, ino, EXT2_FT_REG_FILE);
}

static void put_folder(ext2_ino_t folder, const char *path) {
    DIR *dir = opendir(path); struct dirent *entry; struct stat st; char below[4096];
    while ((entry = readdir(dir))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name); lstat(below, &st);
        if (!S_ISDIR(st.st_mode)) { put_file(folder, below, entry->d_name, &st); continue; }
        ext2_ino_t made; errcode_t e = ext2fs_new_inode(fs, folder, S_IFDIR, 0, &made); OK(e);
        e = ext2fs_mkdir(fs, folder, made, entry->d_name);
        if (e == EXT2_ET_DIR_NO_SPACE) { OK(ext2fs_expand_dir(fs, folder)); e = ext2fs_mkdir(fs, folder, made, entry->d_name); }
        OK(e); put_folder(made, below);
    }
    closedir(dir);
}

static int visit(ext2_ino_t dir, int entry, struct ext2_dir_entry *d, int o, int b, char *buf, void *p) {
    struct ext2_inode inode; (void)dir; (void)o; (void)b; (void)buf; (void)p;
    if (entry != DIRENT_OTHER_FILE) return 0;
    OK(ext2fs_read_inode(fs, d->inode, &inode));
    if (LINUX_S_ISDIR(inode.i_mode)) OK(ext2fs_dir_iterate2(fs, d->inode, 0, NULL, visit, NULL));
    else { files++; bytes += EXT2_I_SIZE(&inode); }
    return 0;
}

int main(int argc, char **argv) {
    int seed = argc == 4 && !strcmp(argv[1], "seed"); struct stat st;
    OK(ext2fs_open(argv[2], (seed ? EXT2_FLAG_RW : 0) | EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &fs));
    if (!seed) { OK(ext2fs_dir_iterate2(fs, EXT2_ROOT_INO, 0, NULL, visit, NULL)); printf("files %llu bytes %llu\n", files, bytes); }
    else {
        OK(ext2fs_read_bitmaps(fs)); image = open(argv[2], O_RDWR); goal = fs->super->s_first_data_block; stat(argv[3], &st);
        if (S_ISDIR(st.st_mode)) put_folder(EXT2_ROOT_INO, argv[3]);
        else put_file(EXT2_ROOT_INO, argv[3], strrchr(argv[3], '/') + 1, &st);
        fsync(image);
    }
    OK(ext2fs_close_free(&fs));
    return 0;
}
