package letters_test

const printCodeSQL = `
UPDATE letters
SET code = $2
WHERE id = $1`
