const total: number = 1;
